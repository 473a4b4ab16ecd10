// Package kernel implements a Jupyter kernel around an evaluator. JupyterLab, VS Code, consoles and this project's own
// client connect to it. It does not depend on the session or on an engine.
//
// Nouns. An [Evaluator] is the language. [Serve] answers the requests of protocol 5.4 on the sockets of package wire. A
// mimeBundle is a report in the forms of a notebook: text, HTML, a drawing, and the JSON of package report for
// programs. A panel is a set of controls with a drawing: widgets in front ends that show them, a page of ready frames
// in others. [Install] registers the kernel with Jupyter.
//
// Lifecycle. [Serve] binds its sockets at once. It returns when a front end asks the kernel to shut down, or when its
// context ends. A running evaluation is interrupted first. The parent process may then start the kernel again.
//
// Traps. Requests on the shell socket wait for each other. The control socket answers everything but execute_request at
// once, even during a long evaluation; this project's client asks there. After an error, the cells queued by the same
// front end are aborted; requests of other front ends are not. A panel outlives its cell: it draws in its own
// goroutine, and the evaluator lets its drawings take turns with cells. The standard error of the process, which
// includes messages from XLA, is not captured: it goes to the log of the parent process, so that the last lines before
// a crash are kept.
//
// Entry points: [Serve], [Install].
package kernel
