// Package columns writes results as files that other programs read: CSV, JSON, JSON lines, Parquet, and NumPy's .npz.
//
// A [Table] is a list of named [Column]s of equal length. A cell is one value, or an array of one shape for all rows,
// such as the logits of an image. [Of] makes a table from a slice of structs. [Save] writes a table in the format of
// the file's name ([Endings]); the file is written atomically and replaces an older one.
//
// What readers get. CSV and Parquet have one column per value: a cell of ten logits becomes logits_0 … logits_9. JSON
// is an object of columns, {"radius": [0.5, 0.7]}, and JSON lines are one object per row; cells are nested lists
// there. An .npz has one array per column, with the rows as its first axis, and no Python objects. Columns marked Wide,
// such as pixels, are in .npz only. Whole numbers are 64-bit integers, other numbers float64 (float32 for pixels), text
// is UTF-8.
//
// Traps. NaN is "NaN" in CSV, null in both JSON forms, and itself elsewhere. Infinities are "inf", "Infinity" and
// themselves.
//
// Entry points: [Save], [Of], [CheckPath].
package columns
