package engine

import (
	"context"
	"os"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/go-xla/compute/xla"
)

func Open(ctx context.Context, progress func(done, total int64)) (*Engine, error) {
	b, err := compute.NewWithConfig("xla:" + os.Getenv("SMOOTHLAB_PJRT_PLUGIN"))
	if err != nil {
		return nil, err
	}
	return New(b), nil
}
