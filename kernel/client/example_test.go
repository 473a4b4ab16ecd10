package client_test

import (
	"fmt"

	"smoothlab/kernel/client"
	"smoothlab/report"
)

// A cell of a GoNB notebook, or a program: the session keeps its values, the cell holds a connection.
func Example() {
	s := client.MustOpen() // in GoNB this notebook's session, elsewhere the newest one
	defer s.Close()
	fmt.Println(s)
	s.MustShow(`walk(c, t[:4], m, seed=3).search(4)`)
	k := client.MustEval[report.Certificates](s, `certify(c, t, sigma=0.5, n=10000, seed=1, out="runs/smix-10k.tsv")`)
	fmt.Printf("ACR %.3f ± %.3f at N=%d\n", k.ACR(), k.ACRError(), k.Plan.N)
}
