// Package wire implements the transport of Jupyter messages: their frames and signatures, the connection file that says
// where a kernel listens, and the kernel's five sockets. It does not depend on the session or on a front end.
//
// Nouns. A [Message] has a [Header] and its content. A [Codec] encodes it as signed frames and decodes frames. A
// [Connection] is the content of a connection file: ports and the key. [Sockets] are the kernel's end; package zmtp
// transports the frames.
//
// Lifecycle. [ReadConnection] reads the file that a front end wrote, or [NewConnection] makes one. [Listen] binds the
// sockets. A Codec for the key decodes the messages. Every kind of invalid message has its own error, and none is
// fatal: the message is dropped and the next one is read.
//
// Traps. A codec remembers the signatures that it has seen, to reject a message that is sent twice, so the two ends of
// a test need one codec each. The parent header is kept as the bytes that were received, because front ends compare it
// with what they sent. Every user of the machine can read what is published.
//
// Entry points: [ReadConnection], [NewConnection], [Listen], [NewCodec].
package wire
