package classifier

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// The metadata of an ensemble's checkpoint: its members, as a JSON list of what describes each of them with its
// fingerprint, and K of its consensus.
const (
	membersKey     = "members"
	consensusKey   = "consensus"
	fingerprintKey = "fingerprint"
)

// describe adds the members to a file's metadata.
func (e *Ensemble) describe(meta map[string]string) error {
	var list []map[string]string
	for i, m := range e.Members {
		of := map[string]string{fingerprintKey: e.Fingerprints[i]}
		if err := m.describe(of); err != nil {
			return err
		}
		list = append(list, of)
	}
	text, err := json.Marshal(list)
	meta[membersKey], meta[consensusKey] = string(text), strconv.Itoa(e.Consensus)
	return err
}

// ensembleOf returns the ensemble that a file's metadata describe.
func ensembleOf(meta map[string]string) (*Architecture, error) {
	var list []map[string]string
	if err := json.Unmarshal([]byte(meta[membersKey]), &list); err != nil {
		return nil, fmt.Errorf("the members of its ensemble cannot be read as JSON: %w", err)
	}
	k, err := strconv.Atoi(meta[consensusKey])
	if err != nil || k != 0 && (k < 2 || k > len(list)) || len(list) < 2 || len(list) > MaxMembers {
		return nil, fmt.Errorf("it is of an ensemble of %d members with consensus %q", len(list), meta[consensusKey])
	}
	e := &Ensemble{Consensus: k}
	for i, of := range list {
		if _, nested := of[membersKey]; nested {
			return nil, errors.New("a member of its ensemble is an ensemble")
		}
		m, err := described(of)
		if err != nil {
			return nil, fmt.Errorf("member %d of its ensemble: %w", i+1, err)
		}
		fits := i == 0 || m.Input == e.Members[0].Input && m.Classes == e.Members[0].Classes
		if !fits || len(of[fingerprintKey]) != 64 {
			return nil, fmt.Errorf("member %d of its ensemble does not fit the first", i+1)
		}
		e.Members, e.Fingerprints = append(e.Members, m), append(e.Fingerprints, of[fingerprintKey])
	}
	a := e.architecture()
	if a.Name != meta["arch"] {
		return nil, fmt.Errorf("it is of %q, and describes %s", meta["arch"], a.Name)
	}
	return a, nil
}
