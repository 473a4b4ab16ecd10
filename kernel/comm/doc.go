// Package comm implements Jupyter's comms: channels between an object in the kernel and its twin in the front ends.
//
// A [Hub] holds the open comms of a kernel. A [Comm] carries a [Message] in either direction. A target is a name under
// which the kernel accepts comms that front ends open. A [Publisher] delivers to the front ends.
//
// Lifecycle. Either side opens a comm, with [Hub.Open] or a comm_open message, and either side closes it. [Hub.Receive]
// passes the messages of front ends on, one at a time in the order of its calls. Traps. All front ends see all comms: a
// message may answer a comm that another front end has closed, and it is then ignored. What a front end opens counts
// against a limit.
//
// Entry points: [NewHub], [Hub.Accept], [Hub.Open], [Hub.Receive], [Hub.Info].
package comm
