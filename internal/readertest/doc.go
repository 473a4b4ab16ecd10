// Package readertest holds the test that NumPy, pandas and TensorBoard read what a session saves, in the versions of
// testdata/requirements.txt.
package readertest
