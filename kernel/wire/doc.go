// Package wire is how Jupyter's messages travel: their frames, their signatures, the file that says where a kernel
// listens, and its five sockets. It knows no session, and no front end.
//
// Nouns. A [Message] has a [Header] and its content; a [Codec] makes signed frames of it and back. A [Connection] is
// what a connection file says: ports and the key. [Sockets] are the kernel's end; package zmtp carries the frames.
//
// Lifecycle. [ReadConnection] reads the file that a front end wrote, or [NewConnection] makes one; [Listen] binds the
// sockets; a Codec for each direction's key decodes what comes. Every fault of a message is an error of its own, and
// none is fatal: the message is dropped and the next one read.
//
// Traps. A codec remembers the signatures that it has seen, to refuse a message that comes twice, so the two ends of a
// test need a codec each. The parent header is kept as the bytes that came, for front ends compare what they get back.
// What is published can be read by every user of the machine.
//
// Entry points: [ReadConnection], [NewConnection], [Listen], [NewCodec].
package wire
