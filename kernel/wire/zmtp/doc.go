// Package zmtp is as much of ZeroMQ as a Jupyter kernel and its clients need: ZMTP 3.0 over TCP on the loopback
// interface, without authentication. Messages are signed one layer above, in package wire.
//
// Nouns. A [Message] is a list of frames. A [Router] receives from many peers and answers each by its identity; a
// [Publisher] sends to all who have subscribed; an [Echo] sends back what it gets, which is all that a heartbeat is. A
// [Client] is the other end of any of them: DEALER, SUB or REQ.
//
// Lifecycle. The Listen functions bind at once. Each connection has a goroutine that reads it and one that writes it;
// both end with the connection, which has ten seconds for its handshake. Close sends what is queued, for a second at
// most.
//
// Traps. Whoever can connect may subscribe: what a Publisher sends is readable by every user of the machine, as with
// every Jupyter kernel on TCP. Whoever can connect may also call himself by anybody's identity: it is his only where
// nobody has it, and until somebody with the same one sends a message for which the receiver vouches
// ([Received.Vouch]). A peer for which more than [Options].Queue bytes wait holds the sender up for [Options].Patience
// at most and is then cut off: a slow front end slows the kernel down, a stalled one does not stop it.
//
// What is under way from peers that nobody has vouched for is bounded together ([Options].Strangers), as anybody could
// open many connections and end no message.
//
// Entry points: [ListenRouter], [ListenPublisher], [ListenEcho], [Dial].
package zmtp
