// The second cell of the GoNB notebook in the project's acceptance examples, as GoNB compiles it.
package main

import (
	"fmt"

	"smoothlab/kernel/client"
	"smoothlab/report"
)

func main() {
	s := client.MustOpen() // the newest session that attach or a cell has started, else a new one that outlives this cell
	defer s.Close()
	fmt.Println(s)                                    // → session 4f1c · smoothlab 0.1 · xla:cpu · values: c, d, k, m, r, t
	s.MustShow(`walk(c, t[:4], m, seed=3).search(4)`) // pictures and the table, as in the REPL
	k := client.MustEval[report.Certificates](s, `certify(c, t, sigma=0.5, n=10000, seed=1, out="runs/smix-10k.tsv")`)
	for _, row := range k.Rows[:3] {
		fmt.Println(row.Index, row.Label, row.Predicted, row.Votes, row.Used, row.PLower, row.Radius)
	}
	fmt.Printf("ACR %.3f ± %.3f at N=%d\n", k.ACR(), k.ACRError(), k.Plan.N)
}
