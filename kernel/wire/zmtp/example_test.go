package zmtp_test

import (
	"context"
	"fmt"

	"smoothlab/kernel/wire/zmtp"
)

// A router answers a client by the identity of its message.
func ExampleListenRouter() {
	router, err := zmtp.ListenRouter("127.0.0.1:0", zmtp.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer router.Close()
	address := fmt.Sprintf("127.0.0.1:%d", router.Port())
	client, err := zmtp.Dial(context.Background(), zmtp.Dealer, address, zmtp.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	if err := client.Send(zmtp.Message{[]byte("a question")}); err != nil {
		fmt.Println(err)
	}
	received, err := router.Receive()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := router.Send(received.From, zmtp.Message{[]byte("the answer to "), received.Message[0]}); err != nil {
		fmt.Println(err)
	}
	reply, err := client.Receive()
	fmt.Printf("%s, %v\n", reply, err)
	// Output: [the answer to  a question], <nil>
}
