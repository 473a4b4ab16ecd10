// Package deploy contains no Go code besides a test, which checks the files below it:
//
//   - slurm and kubernetes certify on many machines, as a Slurm job array and as a Kubernetes indexed Job
//     (docs/clusters.md). slurm/check runs the Slurm files on a real Slurm, kubernetes/check validates the manifests
//     with Kubernetes' own code; both are run by hand.
//   - workbench sets up JupyterLab with the kernels SmoothLab and GoNB, on a machine or in a container
//     (docs/jupyter.md). .ci/workbench runs it.
//   - simulate is a program that estimates how long a certification takes on many nodes.
package deploy
