// Package report is what the session's functions give back, and how it looks: text for a terminal, HTML for a notebook,
// JSON for programs. It knows no engine, so that front ends and Go cells link it cheaply.
//
// Nouns. A [Report] is a struct of plain data with a versioned type name: [Dataset], [Run], [Certificates] and the
// others of [Types]. Its [Block] values say how it looks: lines, tables, pictures, curves; an [Aside] is shown where
// there is room. A [Style] is what a terminal can show. [Output] is where an evaluation shows things while it goes;
// [Error], [Completion] and [Completeness] are the other answers that front ends deal in.
//
// Lifecycle. The session fills a struct and returns it. A front end in the same process renders it with [Text] or
// [HTML]; one in another process gets [JSON] and makes the same struct of it with [Decode].
//
// Traps. Strings in reports are data: names of files and classes, messages from outside. Text and HTML make them
// harmless, so a block must not hold escape sequences or markup of its own. Pictures hold values of 0 to 255: what
// noise carries beyond is cut off, and the numbers beside them are not. A field that is renamed, or means something
// else, makes another version of its type; the files in testdata/json show every form. In JSON a number may be the
// string "NaN", "Infinity" or "-Infinity".
//
// Entry points: [Text] with [StyleFor], [HTML], [JSON], [Decode], [InFull]; [SVG], [PNG] and [Image.PNG] for files.
package report
