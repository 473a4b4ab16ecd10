package papertable

import "fmt"

// LaterRows returns rows for methods that came after the paper. They are made where they are asked for by name, and
// shown once they are made. To add one: a line here.
func LaterRows(dataset string) []Row {
	rows := []Row{{Name: "catrs", Label: "CAT-RS", Method: "catrs", Epochs: 20}}
	for i := range rows {
		rows[i].Dataset, rows[i].Arch = dataset, map[string]string{"mnist": "lenet", "cifar10": "resnet110"}[dataset]
	}
	return rows
}

// Published is the ACR of one log of a method's authors, on every 20th test image.
type Published struct {
	ACR, Error float64 // with its standard error
	N          int     // votes for the bound
}

// published returns the ACR of the authors of a later row: of the logs of alinlab/smoothing-catrs at d4bc576, one run
// at each noise level with N0 = 100, N = 100,000 and alpha = 0.001.
func published(row Row, sigma float64) (Published, bool) {
	const votes = 100_000
	p, ok := map[string]Published{
		"catrs mnist 0.25":   {0.9239, 0.0065, votes},
		"catrs mnist 0.5":    {1.6862, 0.0187, votes},
		"catrs mnist 1":      {1.8306, 0.0453, votes},
		"catrs cifar10 0.25": {0.5564, 0.0180, votes},
		"catrs cifar10 0.5":  {0.7367, 0.0342, votes},
		"catrs cifar10 1":    {0.8615, 0.0560, votes},
	}[fmt.Sprintf("%s %s %g", row.Name, row.Dataset, sigma)]
	return p, ok
}
