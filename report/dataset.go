package report

// Dataset describes a data set or a slice of one.
type Dataset struct {
	Line     string   `json:"line"` // result of dataset.Dataset.String
	Name     string   `json:"name"`
	Split    string   `json:"split"`
	Note     string   `json:"note"`   // notes on unusual images
	Images   int      `json:"images"` // number of images
	Total    int      `json:"total"`  // images of the original split
	Pick     string   `json:"pick"`   // choice of images: "every 100th"; empty for all, or if there is no short description
	Height   int      `json:"height"` // pixels
	Width    int      `json:"width"`
	Channels int      `json:"channels"`
	Classes  []string `json:"classes"`
	Samples  []Sample `json:"samples"` // at most ten of the images
}

// Sample is one image of a data set.
type Sample struct {
	Index int    `json:"index"` // index in the original split
	Label int    `json:"label"`
	Class string `json:"class_name"` // name of the label
	Image Image  `json:"image"`
}

func (Dataset) Type() string { return "smoothlab.dataset/1" }

func (d Dataset) Blocks() []Block {
	blocks := []Block{Line(d.Line)}
	if d.Note != "" {
		blocks = append(blocks, Line(d.Note))
	}
	if len(d.Samples) == 0 {
		return blocks
	}
	var p Pictures
	row := PictureRow{}
	for _, s := range d.Samples {
		p.Heads = append(p.Heads, s.head())
		row.Images = append(row.Images, s.Image)
	}
	p.Rows = []PictureRow{row}
	return append(blocks, Aside{p})
}

func (s Sample) head() string { return WalkImage{s.Index, s.Label, s.Class}.caption() }

// Picture is one image of a data set, for display.
type Picture struct {
	Dataset string `json:"dataset"`
	Split   string `json:"split"`
	Index   int    `json:"index"` // index in the original split
	Label   int    `json:"label"`
	Class   string `json:"class_name"` // name of the label
	Image   Image  `json:"image"`
}

func (Picture) Type() string { return "smoothlab.picture/1" }

func (p Picture) Blocks() []Block {
	return []Block{
		Line(where(p.Dataset, p.Split, p.Index, p.Label, p.Class)),
		Pictures{Rows: []PictureRow{{Images: []Image{p.Image}}}},
	}
}
