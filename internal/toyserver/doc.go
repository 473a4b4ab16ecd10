// Package toyserver is a program for tests that speaks the protocol of docs/external.md from the other side: a linear
// network, and every way in which a program can misbehave. It shares no code with package external.
//
// A test binary becomes the program by calling [Main] from its TestMain when it is started under the name [Name];
// [Link] makes such a link.
package toyserver
