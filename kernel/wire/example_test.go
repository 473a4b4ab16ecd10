package wire_test

import (
	"fmt"

	"smoothlab/kernel/wire"
)

// A request as it travels: signed frames, which are accepted once.
func ExampleCodec() {
	key := []byte("of the connection file")
	client, server := wire.NewCodec(key), wire.NewCodec(key)
	content := map[string]string{"code": "1 + 1"}
	frames := client.Encode(wire.NewMessage(wire.NewHeader("execute_request", "session 1"), nil, content))

	m, err := server.Decode(frames)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Header.Type, string(m.Content))
	_, err = server.Decode(frames)
	fmt.Println(err)
	_, err = wire.NewCodec([]byte("another key")).Decode(frames)
	fmt.Println(err)
	// Output:
	// execute_request {"code":"1 + 1"}
	// the message was received before
	// the signature of the message is wrong
}
