// Package prosetest holds the test that keeps comments, messages and pages in plain English, and lines within 120
// columns. The list of patterns is in patterns_test.go, each with what to write instead.
package prosetest
