// Package zmtp implements the part of ZeroMQ that a Jupyter kernel and its clients need: ZMTP 3.0 over TCP on the
// loopback interface, without authentication. Messages are signed one layer above, in package wire.
//
// Nouns. A [Message] is a list of frames. A [Router] receives from many peers and answers each by its identity. A
// [Publisher] sends to all subscribers. An [Echo] sends back what it receives, which is all that a heartbeat does. A
// [Client] is the other end of any of them: DEALER, SUB or REQ.
//
// Lifecycle. The Listen functions bind at once. Each connection has one goroutine that reads and one that writes. Both
// end with the connection, which has ten seconds for its handshake. Close sends what is queued, for at most one second.
//
// Traps. Any process that can connect may subscribe: every user of the machine can read what a Publisher sends, as with
// every Jupyter kernel on TCP. Any client may choose any identity. The first holder keeps it until it disconnects or
// until another client sends a verified message under it ([Received.MarkVerified]). When more than [Options].Queue
// bytes wait for a peer, the sender waits for at most [Options].SendTimeout and then disconnects the peer: a slow front
// end slows the kernel down, a stalled one does not stop it.
//
// The unfinished messages of all unverified peers together are limited ([Options].UnverifiedBytes), because an attacker
// could open many connections and never finish a message.
//
// Entry points: [ListenRouter], [ListenPublisher], [ListenEcho], [Dial].
package zmtp
