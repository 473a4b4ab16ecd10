package session_test

import (
	"testing"

	"smoothlab/internal/testreference"
)

// Every 20th row of the same logs is in the repository; the comparisons that need no more rows give the same answers.
func TestPublishedLogsCut(t *testing.T) {
	s := newSession(t, nil)
	for _, c := range []struct{ source, want string }{
		{`a = read_log("testdata/published/gaussian_0.50.tsv", sigma=0.5)`, ""},
		{`b = read_log("testdata/published/smoothadv_0.50.tsv", sigma=0.5)`, ""},
		{`s = read_log("testdata/published/smoothmix_0.50.tsv", sigma=0.5)`, ""},
		{`compare(s, b).acr`, "+0.0080 ± 0.0036, 95% [+0.0009, +0.0151]\n"},
		{`compare(s, a).acr`, "+0.1419 ± 0.0089, 95% [+0.1245, +0.1593]\n"},
	} {
		if got := evaluate(t, s, c.source); got != c.want {
			t.Errorf("%s\nanswers\n%s\nnot\n%s", c.source, got, c.want)
		}
	}
}

// Section 2 of the acceptance examples as typed input: published logs, and the answers, character by character.
func TestReferenceSection(t *testing.T) {
	logs := testreference.Dir(t, "logs", "mnist")
	s := newSession(t, nil)
	for _, c := range []struct{ source, want string }{
		{`L = "` + logs + `/"`, ""},
		{`a = read_log(L + "cohen/noise_0.50_1801.gz", sigma=0.5)`, ""},
		{`b = read_log(L + "salman/pgd_255.0_10_10/num_4/noise_0.50_3916.gz", sigma=0.5)`, ""},
		{`s = read_log(L + "smoothmix/smix_1.0_4_m0/tau_5.0/num_4/21/noise_0.5.gz", sigma=0.5)`, ""},
		{`table([a, b, s], names=["Gaussian", "SmoothAdv", "SmoothMix"], radii=[0, 0.5, 1, 1.5, 1.75])`,
			`10,000 images · radii as printed in the logs (3 digits)
             ACR ± s.e.        0      0.5    1      1.5    1.75   abstain
Gaussian     1.5569 ± 0.0041   99.11  96.87  89.75  67.75  44.88   0.26
SmoothAdv    1.6871 ± 0.0038   99.05  97.35  92.84  81.20  67.63   0.27
SmoothMix    1.6927 ± 0.0040   98.64  97.00  92.68  81.70  69.69   0.29
`},
		{`compare(s, b, radii=[0, 1, 1.5, 1.75])`,
			`noise_0.5 − noise_0.50_3916: 10,000 common images, one run each: about these two classifiers, not yet about the methods (give lists of runs)
ACR   +0.0056 ± 0.0008   95% [+0.0040, +0.0073]
noise_0.5 has the larger ACR: on images like these, 0 is outside the 95% interval of these two classifiers
r      diff      only first   only second   p (exact McNemar)
0     −0.41 pt        5            46       2e-09
1     −0.16          84           100       0.27
1.5   +0.50         191           141       0.007
1.75  +2.06         366           160       1e-19
`},
		{`compare(s[::20], b[::20]).acr`, "+0.0080 ± 0.0036, 95% [+0.0009, +0.0151]\n"},
		{`compare(s[::20], a[::20]).acr`, "+0.1419 ± 0.0089, 95% [+0.1245, +0.1593]\n"},
	} {
		if got := evaluate(t, s, c.source); got != c.want {
			t.Errorf("%s\nanswers\n%s\nnot\n%s", c.source, got, c.want)
		}
	}
}
