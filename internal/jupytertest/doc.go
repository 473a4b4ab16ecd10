// Package jupytertest runs Jupyter's own tests, and tests that use Jupyter's programs: jupyter_kernel_test,
// jupyter_client, nbclient and jupyter console, in the versions of testdata/requirements.txt, against the program
// smoothlab. [Environment] makes a virtual environment of Python for them, once, in the user's cache; the test of the
// notebooks uses it too.
package jupytertest
