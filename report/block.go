package report

// Block is one part of how a report looks: [Line], [Table], [Pictures], [Curves] or [Aside].
type Block interface{ block() }

// Line is text, one line or more. A terminal wraps what is too long.
type Line string

// Table is text in columns. The first Left columns are aligned left, the others right.
type Table struct {
	Caption string     `json:"caption"` // above the table; may be empty
	Head    []string   `json:"head"`    // may be nil
	Rows    [][]string `json:"rows"`    // short rows are filled up with empty cells
	Left    int        `json:"left"`

	laid string // the table below its caption as package certify lays it out, for text that is wide enough
}

// Pictures are rows of small images, each row with its caption and a head above each column.
type Pictures struct {
	Heads   []string     `json:"heads"` // may be nil
	Rows    []PictureRow `json:"rows"`
	Caption string       `json:"caption"` // below; may be empty

	full bool // all rows are drawn, however many they are
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
}

// Series is one curve: Y[i] at X[i], X not decreasing. A NaN leaves a gap.
type Series struct {
	Name  string    `json:"name"`
	X     []float64 `json:"x"`
	Y     []float64 `json:"y"`
	Steps bool      `json:"steps"` // constant up to the next X, as a survival curve is, instead of joined by lines
}

// Aside is what belongs to a report but would crowd a prompt: HTML shows it, text only with [InFull].
type Aside []Block

func (Line) block()     {}
func (Table) block()    {}
func (Pictures) block() {}
func (Curves) block()   {}
func (Aside) block()    {}
