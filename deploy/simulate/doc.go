// Simulate estimates how long a certification takes on many nodes, some of which are slow, and all of which may be
// preempted.
//
//	go run ./deploy/simulate --images 1000000 --nodes 100 --seconds 0.5
//
// The job is split as certify splits it: shard k of n has every n-th image. Nodes take shards from a queue, as a job
// array does. A preempted shard returns to the queue, and the node that takes it resumes after the images in its log:
// what is lost is the image in progress, and the time of another start. Preemptions are random; each line of the output
// is the median and the range over several simulations with different seeds.
//
// Trap: the seconds per image are the caller's. Measure them by the bench (--only certify) on the kind of node that
// will be used.
package main
