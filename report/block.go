package report

import "smoothlab/figure"

// Block is one part of a rendered report: [Line], [Table], [Pictures], [Curves] or [Aside].
type Block interface{ block() }

// Line is one or more lines of text. A terminal wraps long lines.
type Line string

// Table is text in columns. The first Left columns are aligned left, the others right.
type Table struct {
	Caption string     `json:"caption"` // above the table; may be empty
	Head    []string   `json:"head"`    // may be nil
	Rows    [][]string `json:"rows"`    // short rows are padded with empty cells
	Left    int        `json:"left"`

	laid string // table without caption as laid out by package certify; used by text output that is wide enough
}

// Pictures are rows of small images, with a caption per row and a header per column.
type Pictures struct {
	Heads   []string     `json:"heads"` // may be nil
	Rows    []PictureRow `json:"rows"`
	Caption string       `json:"caption"` // below the pictures; may be empty

	full bool // draw all rows
}

// PictureRow is one row of Pictures.
type PictureRow struct {
	Caption string  `json:"caption"`
	Images  []Image `json:"images"`
}

// Curves are functions of one variable in one figure.
type Curves struct {
	Title  string   `json:"title"`
	X      string   `json:"x"` // name of the horizontal axis
	Y      string   `json:"y"`
	Series []Series `json:"series"`

	Caption string       `json:"caption"` // below the figure; not in files
	XAxis   Axis         `json:"x_axis"`
	YAxis   Axis         `json:"y_axis"`
	Style   figure.Style `json:"style"`
}

// Axis is the range and the scale of an axis. If Min and Max are equal, it fits the curves.
type Axis struct {
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
	Tick  float64 `json:"tick"`  // distance of the ticks; 0 for an automatic one
	Scale string  `json:"scale"` // of package figure: "", "log" or "tail"
}

// Series is one curve: Y[i] at X[i], with X not decreasing. A NaN leaves a gap.
type Series struct {
	Name  string    `json:"name"`
	X     []float64 `json:"x"`
	Y     []float64 `json:"y"`
	Steps bool      `json:"steps"` // constant up to the next X, like a survival curve, instead of joined by lines

	Low    []float64 `json:"low"` // lower end of a band at each X; nil without a band
	High   []float64 `json:"high"`
	Points bool      `json:"points"` // marks without a line between them
}

// Aside holds details that would crowd a prompt. HTML shows them, text only with [InFull].
type Aside []Block

func (Line) block()     {}
func (Table) block()    {}
func (Pictures) block() {}
func (Curves) block()   {}
func (Aside) block()    {}
