// Package report holds the results of the session's functions and renders them: as text for a terminal, HTML for a
// notebook, and JSON for programs. It does not depend on the engine, so that front ends and Go cells can link it
// cheaply.
//
// Nouns. A [Report] is a struct of plain data with a versioned type name: [Dataset], [Run], [Certificates] and the
// others of [Types]. Its [Block] values describe its look: lines, tables, pictures, curves; an [Aside] is shown where
// there is room. A [Style] describes what a terminal can show. An [Output] receives what an evaluation shows while it
// runs; [Find] asks it for more, such as an [Interactor], which moves the controls of a [Panel]. [Error], [Completion]
// and [Completeness] are the other answers to front ends. Lifecycle. The session fills a struct and returns it. A front
// end in the same process renders it with [Text] or [HTML]; one in another process gets [JSON] and decodes it to the
// same struct with [Decode]. Traps. Strings in reports are untrusted data: names of files and classes, messages of
// other programs. Text and HTML escape them, so a block must not contain escape sequences or markup. Pictures hold
// values of 0 to 255: noise is clipped in pictures, but not in the numbers next to them. Renaming a field or changing
// its meaning requires a new version of its type; the files in testdata/json show every form. In JSON a number may be
// the string "NaN", "Infinity" or "-Infinity".
//
// Entry points: [Text] with [StyleFor], [HTML], [JSON], [Decode], [InFull]; [SVG], [PNG] and [Image.PNG] for files.
package report
