// Package kernel is a Jupyter kernel around an evaluator: JupyterLab, VS Code, consoles and our own client speak to it.
// It knows no session and no engine.
//
// Nouns. An [Evaluator] is the language. [Serve] answers the requests of protocol 5.4 on the sockets of package wire. A
// bundle is a report in the forms of a notebook: text, HTML, a drawing, and the JSON of package report for programs.
// [Install] tells Jupyter about the kernel.
//
// Lifecycle. [Serve] binds its sockets at once and returns when a front end asks for the end, or its context ends: what
// is being evaluated is interrupted first. The process may then be started again by whoever started it.
//
// Traps. Requests on the shell socket wait for each other; the control socket answers everything but execute_request
// at once, also during a long evaluation, and our client asks there. After an error, what the same front end had
// queued is aborted; other front ends' requests are not. What the process writes on its own standard error, XLA's
// messages for instance, goes to the log of whoever started it: captured, the last words of a crash would be lost.
//
// Entry points: [Serve], [Install].
package kernel
