package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/dotenv"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// profileVariable names the variable that chooses an environment's profile,
// YOLO_{ENV}_AWS_PROFILE: in capitals, with all but letters and digits as _.
func profileVariable(environment string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(environment))
	return "YOLO_" + name + "_AWS_PROFILE"
}

// profile is the profile to use for an environment: the variable's of the
// process, or of the .env beside the manifest; "" leaves it to the SDK.
func profile(ctx context.Context, environment, manifestPath string, getenv func(string) string) (string, error) {
	name := profileVariable(environment)
	if value := getenv(name); value != "" {
		return value, nil
	}
	path := filepath.Join(filepath.Dir(manifestPath), ".env")
	value, err := fromDotenv(ctx, path, name)
	if err != nil {
		// Without the profile the SDK would choose other credentials, perhaps
		// of another account.
		return "", &reconcile.Problem{
			ProblemCode: cloud.CodeCredentials,
			Text:        "the profile cannot be looked for in " + path,
			Fix:         "make the file readable, or set " + name,
			Cause:       cause(err),
		}
	}
	return value, nil
}

// cause is what the system said, without the path again.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// fromDotenv finds one variable in a .env file. Whatever else is in the file,
// which other programs may read in their own way, is passed over. So is a
// folder, as Python's virtual environments are often named. One that has more
// than dotenv.MaxSize bytes is an error. It may be a pipe, as password managers
// make them, and one that nothing comes out of before ctx is done is an error.
func fromDotenv(ctx context.Context, path, name string) (value string, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, dotenvPatience)
	defer cancel()
	type content struct {
		text string
		err  error
	}
	read := make(chan content, 1)
	go func() {
		text, err := readDotenv(path)
		read <- content{text, err}
	}()
	select {
	case c := <-read:
		return dotenv.Lookup(c.text, name), c.err
	case <-ctx.Done():
		return "", errors.New("nothing came out of it in time")
	}
}

// dotenvPatience is how long a .env file may take: somebody may have to unlock
// what it comes from.
const dotenvPatience = 30 * time.Second

func readDotenv(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, dotenv.MaxSize+1))
	if len(text) > dotenv.MaxSize {
		err = fmt.Errorf("it has more than %d bytes", dotenv.MaxSize)
	}
	return string(text), err
}
