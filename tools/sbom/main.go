// Command sbom prints what a Go binary is made of as a CycloneDX document: the
// module it was built from, all modules that are linked into it with their
// checksums, and Go itself. It reads the build information in the binary, so
// that the list cannot tell of anything else than what is there. The same binary
// has the same document.
//
//	sbom BINARY >BINARY.cdx.json
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: sbom BINARY")
	}
	sum, err := checksum(args[0])
	if err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("read what %s was built from: %w", args[0], err)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(documentOf(filepath.Base(args[0]), sum, info))
}

func checksum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// document is a bill of materials (CycloneDX 1.6, JSON). It has no time, so
// that it is the same each time.
type document struct {
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Hashes     []hashed   `json:"hashes,omitempty"`
	PURL       string     `json:"purl"`
	Properties []property `json:"properties,omitempty"`
}

type hashed struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

func documentOf(file, sum string, info *debug.BuildInfo) document {
	product := moduleOf("application", &info.Main)
	product.Hashes = []hashed{{"SHA-256", sum}}
	product.Properties = []property{{"file", file}}
	for _, setting := range info.Settings {
		product.Properties = append(product.Properties, property{"go:build:" + setting.Key, setting.Value})
	}
	version := strings.TrimPrefix(strings.Fields(info.GoVersion + " unknown")[0], "go")
	parts := []component{moduleOf("library", &debug.Module{Path: "std", Version: version})}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		parts = append(parts, moduleOf("library", module))
	}
	slices.SortFunc(parts, func(a, b component) int { return strings.Compare(a.Ref, b.Ref) })
	all := dependency{Ref: product.Ref}
	for _, part := range parts {
		all.DependsOn = append(all.DependsOn, part.Ref)
	}
	return document{
		Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{product}, Components: parts, Dependencies: []dependency{all},
	}
}

// moduleOf describes a module. Its checksum is Go's own, over the module's
// files: go.sum has the same one, and no tool of CycloneDX's a word for it.
func moduleOf(kind string, module *debug.Module) component {
	version := module.Version
	if version == "" {
		version = "(devel)"
	}
	purl := "pkg:golang/" + module.Path + "@" + strings.NewReplacer("(", "%28", ")", "%29", "+", "%2B").Replace(version)
	c := component{Type: kind, Ref: purl, Name: module.Path, Version: version, PURL: purl}
	if module.Sum != "" {
		c.Properties = []property{{"go:sum", module.Sum}}
	}
	return c
}
