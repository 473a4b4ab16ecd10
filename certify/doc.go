// Package certify turns votes under noise into certified radii, logs and tables. It is statistics only: it never sees a
// network, and imports no engine.
//
// Nouns. A [Voter] counts how a base classifier votes on noisy copies of an [Image], a [Packer] of several at once; its
// [Source] says which noise, weights and data the votes come from, so that a certificate is for these and no others. A
// [Plan] says how many votes are drawn, and with which failure probability alpha: the same for every image, or as a
// [Ladder] over a grid of radii as few as do. A [Row] is what the votes prove about one image: the class of the
// smoothed classifier and a radius, in the norm of the noise (package smoothing) and the units of the pixels, within
// which that class cannot change; or an abstention ([Abstain], radius 0). [Certificates] are the rows of one run with
// the [Settings] that made them; a log is their file, with a JSON file of the settings, which has a [Digest] of every
// image.
//
// Lifecycle. [Run] draws the votes of all images, appending one line an image to the log. Killed at any moment and run
// again with the same settings, it goes on where it stopped and ends with the same log but for the time column; once
// finished it loads the log. [RunWithin] does a [Shard] of the images, within a [Budget]; [Merge] puts shards together.
// [ReadLog] reads logs of ours and of the published codes, and recomputes the rows of ours. [Certificates.ACR],
// [Certificates.Accuracy] and [Certificates.Curve] summarise; [Compare] pairs two logs image by image, [CompareRuns]
// several training runs of two methods; [Table] and [Plot] show several. Package certify/paper holds the authors'
// numbers.
//
// Traps. The guarantee is per image: with probability 1 - alpha over the votes the printed radius is right. ACR depends
// on the number of votes N, because no radius can exceed [Plan.Ceiling]: compare only logs of one N, or say that they
// are re-expressed at one ([Certificates.AtVotes]), which estimates and certifies nothing. Two single runs compared
// speak of two classifiers, not of the methods that trained them. Selection and bound use different votes; a Voter must
// honour its purpose. A ladder has certified accuracy at the radii of its grid, and no ACR. Bounds and radii are
// rounded down, in memory and in the logs; published logs round their three digits to nearest, so some of their radii
// are up to half a digit too large. What float arithmetic does to noise and images before they reach the network is
// outside all of this, unless the voter's noise has a bound for it, which becomes the plan's Slack
// (docs/sound-sampling.md).
//
// Entry points: [Run], [NewLadder], [ReadLog], [Compare], [CompareRuns], [Table.Text], [Table.Save], [Plot]; for one
// image [Certify] and [Predict], for several [PredictAll].
package certify
