// Package validate is built by deploy/kubernetes/check, in a separate module, because it needs many of Kubernetes'
// modules and nothing else here does.
package validate

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/batch"
	batchinstall "k8s.io/kubernetes/pkg/apis/batch/install"
	batchvalidation "k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	coreinstall "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
)

// The API server would accept the manifests: it decodes them strictly, sets defaults, and validates.
func TestManifests(t *testing.T) {
	scheme := runtime.NewScheme()
	coreinstall.Install(scheme)
	batchinstall.Install(scheme)
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder()
	files, _ := filepath.Glob(filepath.Join(os.Getenv("MANIFESTS"), "*.yaml"))
	objects := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range bytes.Split(data, []byte("\n---\n")) {
			object, kind, err := decoder.Decode(document, nil, nil)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			objects++
			if errs := validate(t, object); len(errs) > 0 {
				t.Errorf("%s, %s: %v", file, kind.Kind, errs.ToAggregate())
			}
		}
	}
	if objects != 3 {
		t.Errorf("%d objects in %v, want a claim and two Jobs", objects, files)
	}
}

func validate(t *testing.T, object runtime.Object) field.ErrorList {
	switch o := object.(type) {
	case *batch.Job:
		o.Namespace, o.UID = "default", "u" // and the selector: what the server adds
		o.Spec.Template.Labels = map[string]string{batch.LegacyControllerUidLabel: "u", batch.LegacyJobNameLabel: o.Name, batch.ControllerUidLabel: "u", batch.JobNameLabel: o.Name}
		o.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{batch.ControllerUidLabel: "u"}}
		return batchvalidation.ValidateJob(o, batchvalidation.JobValidationOptions{RequirePrefixedLabels: true})
	case *core.PersistentVolumeClaim:
		o.Namespace = "default"
		return corevalidation.ValidatePersistentVolumeClaim(o, corevalidation.PersistentVolumeClaimSpecValidationOptions{})
	}
	t.Errorf("a %T is not validated here", object)
	return nil
}
