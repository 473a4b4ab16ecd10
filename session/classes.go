package session

import (
	"errors"
	"fmt"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/language"

	"go.starlark.net/starlark"
)

// fits returns an error if a classifier cannot judge the images. The error suggests a remedy.
func fits(c *classifier.Classifier, d *dataset.Dataset) error {
	return advise(c.Fits(shapeOf(d), d.Classes))
}

// printOutputs notes that an imported network has more outputs than the data set has classes, whose labels are then
// taken for its first outputs.
func printOutputs(c *language.Call, of *classifier.Classifier, d *dataset.Dataset) {
	if n := len(d.Classes); of.Arch.Classes > n {
		c.Out.Print(fmt.Sprintf("note: %s has %d outputs, %s %d classes, which are taken for the first %d outputs\n",
			of.Arch.Name, of.Arch.Classes, d.Name, n, n))
	}
}

// fitsTraining returns an error if a classifier cannot be trained on the images. The error suggests a remedy.
func fitsTraining(c *classifier.Classifier, d *dataset.Dataset) error {
	return advise(c.FitsTraining(shapeOf(d), d.Classes))
}

func shapeOf(d *dataset.Dataset) classifier.Shape {
	return classifier.Shape{Height: d.Height, Width: d.Width, Channels: d.Channels}
}

// advise adds to an error about classes what the user can do.
func advise(err error) error {
	var wrong *classifier.ClassesError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Index < 0:
		return fmt.Errorf(
			"%w: make it with classifier(…, data=d), or use c.with_head(d) for a new last layer; dataset(…, classes=c) uses the classifier's classes",
			err,
		)
	case wrong.Mapped:
		return fmt.Errorf("%w: open the data set with dataset(…, classes=c)", err)
	}
	return fmt.Errorf(
		"%w: if these are other names of the same classes in the same order, use c.with_classes(d), else c.with_head(d) and train",
		err,
	)
}

// judged returns the images with the classifier's class names, of which there may be more than the images have. If the
// classifier has no class names, judged prints a note, because the names cannot be compared.
func judged(call *language.Call, c *classifier.Classifier, d *dataset.Dataset) (*dataset.Dataset, error) {
	if err := fits(c, d); err != nil {
		return nil, err
	}
	if c.Facts.Classes == nil && c.Facts.Source != "" {
		call.Out.Print(
			fmt.Sprintf(
				"note: %s has no class names; its outputs are assumed to be the classes of %s in order\n",
				c.Facts.Source,
				d.Name,
			),
		)
	}
	same := *d
	same.Classes = c.ClassNames(d.Classes)
	return &same, nil
}

// classNames returns the class names from a list, a classifier or a data set; nil for None.
func classNames(function string, v starlark.Value) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case *classifierValue:
		c, _, _ := v.last()
		if len(c.Facts.Classes) == 0 {
			return nil, fmt.Errorf("%s: this classifier has no class names; give classes a list of them", function)
		}
		return c.Facts.Classes, nil
	case images:
		return v.images().Classes, nil
	case starlark.Sequence:
		names := make([]string, 0, v.Len())
		for item := range starlark.Elements(v) {
			name, ok := starlark.AsString(item)
			if !ok {
				return nil, fmt.Errorf("%s: a class name must be a string, got %v", function, item)
			}
			names = append(names, name)
		}
		return names, nil
	}
	return nil, fmt.Errorf(
		"%s: classes must be a list of class names, a classifier or a dataset, got %s",
		function,
		v.Type(),
	)
}

// classesArgs are the arguments of with_classes().
type classesArgs struct {
	Classes starlark.Value `arg:"classes,required" want:"a dataset, a classifier, or a list of class names" help:"a data set or classifier with the class names, or the names by output"`
}

// headArgs are the arguments of with_head().
type headArgs struct {
	Classes starlark.Value `arg:"classes,required" want:"a dataset, a classifier, or a list of class names" help:"a data set or classifier with the classes, or their names"`
	Seed    uint64         `arg:"seed" help:"seed for the new layer's weights"`
}

// classMethods lists the methods that copy a classifier with other classes.
func classMethods() []*language.Function {
	changed := func(c *language.Call, v *classifierValue,
		change func(*classifier.Classifier) (*classifier.Classifier, error)) (starlark.Value, error) {
		now, err := v.read(c.Ctx)
		if err != nil {
			return nil, err
		}
		if now, err = change(now); err != nil {
			return nil, err
		}
		return newClassifier(v.session, now, ""), nil
	}
	return []*language.Function{
		language.Method(
			"with_head",
			"a copy with a new last layer, one output per class, to be trained on data with other classes",
			headArgs{},
			func(c *language.Call, v *classifierValue, a *headArgs) (starlark.Value, error) {
				names, err := classNames("with_head", a.Classes)
				if err != nil {
					return nil, err
				}
				return changed(
					c,
					v,
					func(now *classifier.Classifier) (*classifier.Classifier, error) {
						return now.WithHead(names, a.Seed)
					},
				)
			},
		),
		language.Method("with_classes", "a copy whose outputs have other names, in the same order", classesArgs{},
			func(c *language.Call, v *classifierValue, a *classesArgs) (starlark.Value, error) {
				names, err := classNames("with_classes", a.Classes)
				if err != nil {
					return nil, err
				}
				return changed(
					c,
					v,
					func(now *classifier.Classifier) (*classifier.Classifier, error) {
						return now.WithClassNames(names)
					},
				)
			}),
	}
}
