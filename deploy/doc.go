// Package deploy holds no code: certification on many machines, as a Slurm job array and as a Kubernetes indexed Job, and the
// test that keeps these files in order. docs/clusters.md shows them; slurm/check runs those of Slurm by a real one, on demand.
package deploy
