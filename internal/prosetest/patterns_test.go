package prosetest

import "regexp"

// A pattern is a turn of phrase that readers stumbled over.
type pattern struct {
	re      *regexp.Regexp // a match in which one of its groups took part is accepted
	instead string
}

func banned(re, instead string) pattern { return pattern{regexp.MustCompile(`(?i)` + re), instead} }

// patterns are looked for in comments, in strings and in pages, outside code.
var patterns = []pattern{
	banned(`\b(?:go|goes|went|gone|going) on (?:from|with|where|at|as)\b`, "resume, continue"),
	banned(`\b(?:it|run|runs|line|call|training|certification) goes on\b`, "resumes, continues"),
	banned(`(\bthere |\bhere )?\b(?:is|are|was|were) no (longer\b|more\b|less\b|such\b)?`, "is not a …"),
	banned(`\b(?:whoever|somebody|nobody|anybody|everybody)\b`, "the caller, the client, nil disables …"),
	banned(`\bstrangers?\b|\bvouch(?:es|ed)?\b|\bepitaph\b`, "unauthenticated client, verified, status line"),
	banned(
		`\b(?:is|are|was|were|be) told\b|\bhears? (?:from|of|that|what|nothing)\b`,
		"receives, reports, is reported",
	),
	banned(`\bof (?:one's|our|the user's|the caller's) own\b`, "custom, our own …, the user's …"),
	banned(`\bstands? (?:for|in|beside|behind|elsewhere|alone|there)\b`, "is, is in, is next to, is independent"),
	banned(`\b(?:rests|hangs) on\b|\bc[oa]mes? to grief\b`, "depends on, fails"),
	banned(`(--)?\bbeside\b`, "next to, in addition to"),
	banned(`\bbut for\b`, "except"),
	banned(`\b(?:so many|of so many|as many as there are)\b`, "n, and say what n is"),
	banned(`\b(?:tells|says) (?:whether|why|how|which|what)\b`, "reports whether, describes"),
	banned(`\b(?:is|are|it is) (?:those|that) of\b`, "say what it does"),
	banned(
		`\b(?:votes?|rows?|nois(?:e|es)|copies|samples|draws?|images|lines|seconds|times|points|number|numbers|bytes|`+
			`one|once|passes|steps|words|noises) an? (?:image|radius|row|run|step|line|cell|slot|call|epoch|value|shift|`+
			`file|second|update|class|method|device|program|batch|point|rung|session|process|message|frame|run)\b`,
		"per …",
	),
	banned(`\bin the mean\b|\bin twos\b|\bas ever\b|\bin one go\b`, "on average, in pairs, as usual"),
	banned(`(arg:")?\bfolders?\b(=)?`, "directory"), // dataset and logs have an argument of that name
	banned(`\bgive (?:his|her) \b|\b(?:himself|herself)\b`, "it"),
}

// names are identifiers that readers stumbled over.
var names = []pattern{
	{regexp.MustCompile(`^(?:most|least|usual)[A-Z]`), "max…, min…, default…"},
	{regexp.MustCompile(`(?i)folder`), "dir"},
	{regexp.MustCompile(`^(?:whose|due|untold|itsTurn|kick|epitaph|hearing|heard|nudge|patience|strangers?|told)$`),
		"the field's or Go's usual word"},
}
