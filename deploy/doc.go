// Package deploy contains no Go code besides a test and deploy/simulate, which estimates how long a certification takes
// on many nodes. It holds the files for certification on many machines, as a Slurm
// job array and as a Kubernetes indexed Job, and the test checks these files. docs/clusters.md explains them. On
// demand, slurm/check runs the Slurm files on a real Slurm, and kubernetes/check validates the manifests with
// Kubernetes' own code.
package deploy
