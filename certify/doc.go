// Package certify turns votes under noise into certified radii, logs and tables. It is statistics only: it never sees a
// network, and imports no engine.
//
// Nouns. A [Voter] counts how a base classifier votes on noisy copies of an [Image], a [Packer] of several at once; its
// [Source] names the noise, weights and data of the votes, so that a certificate is for these and no others. A
// [Plan] sets the failure probability alpha and, by its [Procedure], the number of votes: the same for every image, or
// with a [Ladder] or [Betting] over a grid of radii as few as suffice. A [Row] holds what the votes prove about one
// image: the class of the smoothed classifier and a radius, in the norm of the noise (package smoothing) and the units
// of the pixels, within which that class cannot change; or an abstention ([Abstain], radius 0). [Certificates] are the
// rows of one run with the [Settings] that made them; a log is their file. Next to it is a JSON file with the settings
// and a [Digest] of every image.
//
// Lifecycle. [Run] draws the votes of all images, appending one line per image to the log. Killed at any moment and run
// again with the same settings, it resumes where it stopped and ends with the same log, except for the time column. If
// the log is finished, it is loaded. [RunWithin] does a [Shard] of the images, within a [Budget]; [Merge] puts shards
// together. [ReadLog] reads logs of ours and of the published codes, and recomputes the rows of ours.
// [Certificates.ACR], [Certificates.Accuracy] and [Certificates.Curve] summarise; [Compare] pairs two logs image by
// image, [CompareRuns] several training runs of two methods; [Table] and [Plot] show several. Package certify/paper
// holds the authors' numbers.
//
// Traps. The guarantee is per image: with probability 1 - alpha over the votes the printed radius is right. ACR depends
// on the number of votes N, because no radius can exceed [Plan.Ceiling]: compare only logs of one N, or re-express them
// at one N and label the result so ([Certificates.AtVotes]); that is an estimate, not a certificate. A comparison of
// two single runs is about two classifiers, not about the methods that trained them. Selection and bound use different
// votes; a Voter must honour its purpose. A plan over a grid has certified accuracy at its radii, but no ACR. Bounds
// and radii are rounded down, in memory and in the logs; published logs round their three digits to nearest, so some of
// their radii are up to half a digit too large. The floating-point error of noise and noisy images is not covered,
// unless the voter bounds it; the bound becomes the plan's Slack (docs/sound-sampling.md).
//
// Entry points: [Run], [NewLadder], [NewBetting], [ReadLog], [Compare], [CompareRuns], [Table.Text], [Table.Save],
// [Plot]; for one image [Certify] and [Predict], for several [PredictAll].
package certify
