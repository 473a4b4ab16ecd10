// Package deploy holds no code: certification on many machines, as a Slurm job array and as a Kubernetes indexed Job,
// and the test that keeps these files in order. docs/clusters.md shows them; on demand, slurm/check runs those of Slurm
// by a real one, and kubernetes/check validates the manifests with Kubernetes' own code.
package deploy
