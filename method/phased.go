package method

// Phased is a method whose steps differ between epochs.
type Phased interface {
	// InEpoch returns the method that takes the steps of an epoch, counted from 0. It has the same name and settings,
	// and the same terms.
	InEpoch(epoch int) Method
}

// InEpoch returns the method that takes the steps of an epoch: m, unless it is Phased.
func InEpoch(m Method, epoch int) Method {
	if p, ok := m.(Phased); ok {
		return p.InEpoch(epoch)
	}
	return m
}
