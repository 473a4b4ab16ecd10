package softlabel_test

import (
	"fmt"

	"smoothlab/certify/softlabel"
)

func ExampleRow_Probabilities() {
	row := softlabel.Row{Index: 7, Label: 2, Votes: []int{0, 30, 970}}
	fmt.Println(row.Probabilities(), row.Top())
	// Output: [0 0.03 0.97] 2
}
