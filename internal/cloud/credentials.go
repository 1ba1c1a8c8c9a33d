package cloud

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
)

// CredentialsError tells that there are no usable credentials, or that the
// configuration that names them cannot be used.
type CredentialsError struct {
	what, reason, hint string
	cause              error
}

func (e *CredentialsError) Error() string { return e.what + ": " + e.reason }

// Unwrap returns the SDK's error.
func (e *CredentialsError) Unwrap() error { return e.cause }

// Code is CodeCredentials.
func (e *CredentialsError) Code() string { return CodeCredentials }

// Hint says how to log in.
func (e *CredentialsError) Hint() string { return e.hint }

// RequestID is "": nothing was asked.
func (e *CredentialsError) RequestID() string { return "" }

// credentialsError gives the SDK's error words of its own. Profile is the one
// that was asked for, "" for the chain's.
func credentialsError(what, profile string, err error) *CredentialsError {
	e := &CredentialsError{what: what, cause: err}
	login := "aws sso login"
	if profile != "" {
		login += " --profile " + profile
	}
	missing, isMissing := errors.AsType[config.SharedConfigProfileNotExistError](err)
	text := strings.TrimPrefix(err.Error(), "failed to refresh cached credentials, ")
	switch {
	case strings.Contains(text, processOutput):
		// What the program printed may hold the secret.
		e.reason = "credential_process gave no valid JSON with credentials"
		e.hint = "run the profile's credential_process by hand and look at what it prints"
	case isMissing:
		e.reason = fmt.Sprintf("there is no profile %q in the AWS configuration files", missing.Profile)
		e.hint = "aws configure list-profiles shows the ones there are"
	case loginGone(err) && errors.Is(err, fs.ErrNotExist):
		e.reason, e.hint = "nobody is logged in to SSO", login
	case loginGone(err):
		e.reason, e.hint = "the SSO login has expired", login
	case strings.Contains(text, "load login token"):
		e.reason, e.hint = "the login has expired, or there is none", strings.Replace(login, "sso login", "login", 1)
	case strings.Contains(text, "no EC2 IMDS role found"):
		e.reason = noneFound()
		e.hint = fmt.Sprintf("log in with %s, set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; to try yolo without an account, add --emulator", login)
	default:
		e.reason = text
		e.hint = "check the profile and the AWS_… variables; aws sts get-caller-identity must work first"
	}
	return e
}

// processOutput is in the SDK's text when it adds what a credential_process
// printed.
const processOutput = "process output"

// noneFound also tells of a key that is there by half, which the SDK passes
// over.
func noneFound() string {
	const key, secret = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
	for _, half := range [][2]string{{key, secret}, {secret, key}} {
		if os.Getenv(half[0]) != "" && os.Getenv(half[1]) == "" {
			return fmt.Sprintf("%s is set, but %s is not", half[0], half[1])
		}
	}
	return "none found: no variables, no profile, no role"
}

// loginGone tells whether the token of an SSO login is old or not there. The
// SDK has a type for the older form of configuration only.
func loginGone(err error) bool {
	if _, ok := errors.AsType[*ssocreds.InvalidTokenError](err); ok {
		return true
	}
	return strings.Contains(err.Error(), "SSO token")
}
