package deploy

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// manifest has those parts of Kubernetes' objects that these files use, under the names of its API (batch/v1, core/v1).
// Any other name is an error, and so is a misspelt one.
type manifest struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		AccessModes          []string  `yaml:"accessModes"`
		Resources            resources // of a claim
		CompletionMode       string    `yaml:"completionMode"`
		Completions          int
		Parallelism          int
		BackoffLimit         *int   `yaml:"backoffLimit"`
		BackoffLimitPerIndex *int   `yaml:"backoffLimitPerIndex"`
		PodReplacementPolicy string `yaml:"podReplacementPolicy"`
		PodFailurePolicy     struct {
			Rules []struct {
				Action          string
				OnPodConditions []struct{ Type, Status string } `yaml:"onPodConditions"`
				OnExitCodes     struct {
					Operator string
					Values   []int
				} `yaml:"onExitCodes"`
			}
		} `yaml:"podFailurePolicy"`
		Template struct{ Spec pod }
	}
}

type pod struct {
	RestartPolicy                 string `yaml:"restartPolicy"`
	AutomountServiceAccountToken  *bool  `yaml:"automountServiceAccountToken"`
	EnableServiceLinks            *bool  `yaml:"enableServiceLinks"`
	TerminationGracePeriodSeconds int    `yaml:"terminationGracePeriodSeconds"`
	SecurityContext               struct {
		RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
		RunAsUser      int                   `yaml:"runAsUser"`
		RunAsGroup     int                   `yaml:"runAsGroup"`
		FSGroup        int                   `yaml:"fsGroup"`
		SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []container
	Volumes    []struct {
		Name                  string
		PersistentVolumeClaim struct {
			ClaimName string `yaml:"claimName"`
		} `yaml:"persistentVolumeClaim"`
		EmptyDir *struct{} `yaml:"emptyDir"`
	}
}

type container struct {
	Name, Image     string
	Command         []string
	Env             []struct{ Name, Value string }
	Resources       resources
	SecurityContext struct {
		AllowPrivilegeEscalation *bool                   `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool                    `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct{ Drop []string } `yaml:"capabilities"`
	} `yaml:"securityContext"`
	VolumeMounts []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

type resources struct{ Requests, Limits map[string]string }

// env is a container's environment, with more.
func (c container) env(more ...string) []string {
	for _, e := range c.Env {
		more = append(more, e.Name+"="+e.Value)
	}
	return more
}

// manifests reads the objects of both files by kind and name.
func manifests(t *testing.T) map[string]manifest {
	t.Helper()
	objects := map[string]manifest{}
	for _, name := range []string{"kubernetes/certify.yaml", "kubernetes/merge.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d := yaml.NewDecoder(bytes.NewReader(data))
		d.KnownFields(true)
		for {
			var m manifest
			if err := d.Decode(&m); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			objects[m.APIVersion+" "+m.Kind+" "+m.Metadata.Name] = m
		}
	}
	return objects
}

// The objects agree with the page and with each other, and have no more rights than they need.
func TestManifests(t *testing.T) {
	objects := manifests(t)
	claim, certify, merge := objects["v1 PersistentVolumeClaim certified"], objects["batch/v1 Job certify"], objects["batch/v1 Job merge"]
	if len(objects) != 3 || claim.Kind == "" || certify.Kind == "" || merge.Kind == "" {
		t.Fatalf("unexpected objects: %v", objects)
	}
	if s := certify.Spec; s.CompletionMode != "Indexed" || s.BackoffLimitPerIndex == nil ||
		s.PodReplacementPolicy != "Failed" {
		t.Errorf("certify is no indexed Job whose pods are replaced once they have ended: %+v", s)
	}
	if merge.Spec.BackoffLimit == nil || *merge.Spec.BackoffLimit != 0 {
		t.Error("a merge that was refused would be tried again")
	}
	shards := strconv.Itoa(certify.Spec.Completions)
	for name, p := range map[string]pod{"certify": certify.Spec.Template.Spec, "merge": merge.Spec.Template.Spec} {
		s := p.SecurityContext
		if p.RestartPolicy != "Never" || !s.RunAsNonRoot || s.RunAsUser == 0 || s.FSGroup != s.RunAsGroup ||
			s.SeccompProfile.Type != "RuntimeDefault" {
			t.Errorf("%s: pod %+v", name, p)
		}
		if p.AutomountServiceAccountToken == nil || *p.AutomountServiceAccountToken || len(p.Containers) != 1 {
			t.Fatalf("%s: one container without a token is expected: %+v", name, p)
		}
		c := p.Containers[0]
		if e := c.SecurityContext; e.AllowPrivilegeEscalation == nil || *e.AllowPrivilegeEscalation ||
			!e.ReadOnlyRootFilesystem ||
			len(e.Capabilities.Drop) != 1 ||
			e.Capabilities.Drop[0] != "ALL" {
			t.Errorf("%s: container %+v", name, e)
		}
		if c.Image != certify.Spec.Template.Spec.Containers[0].Image || c.Resources.Limits["memory"] == "" {
			t.Errorf("%s: image %s, resources %v", name, c.Image, c.Resources)
		}
		if p.Volumes[0].PersistentVolumeClaim.ClaimName != claim.Metadata.Name ||
			c.VolumeMounts[0].Name != p.Volumes[0].Name ||
			c.VolumeMounts[0].MountPath != "/job/certified" {
			t.Errorf("%s does not write to the claim: %+v, %+v", name, p.Volumes, c.VolumeMounts)
		}
		if env := strings.Join(c.env(), " "); !strings.Contains(env+" ", "SHARDS="+shards+" ") {
			t.Errorf("%s: %s completions, but %s", name, shards, env)
		}
	}
}

// The container's command, run by a shell as Kubernetes would, passes the program the arguments that certify.star
// expects.
func TestContainerCommands(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "smoothlab"), []byte("#!/bin/sh\necho \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	objects := manifests(t)
	for _, c := range []struct{ job, index, want string }{
		{"certify", "0", "run certify.star -- 1/8\n"},
		{"certify", "7", "run certify.star -- 8/8\n"},
		{"merge", "", "run certify.star -- merge 8\n"},
	} {
		of := objects["batch/v1 Job "+c.job].Spec.Template.Spec.Containers[0]
		cmd := exec.Command(of.Command[0], of.Command[1:]...)
		cmd.Env = of.env("PATH="+dir, "JOB_COMPLETION_INDEX="+c.index)
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != c.want {
			t.Errorf("%s %s: %q, %v", c.job, c.index, out, err)
		}
	}
}
