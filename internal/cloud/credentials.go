package cloud

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
)

// CredentialsError tells that there are no usable credentials.
type CredentialsError struct {
	text, hint string
	cause      error
}

func (e *CredentialsError) Error() string { return e.text }

// Unwrap returns the SDK's error.
func (e *CredentialsError) Unwrap() error { return e.cause }

// Code is CodeCredentials.
func (e *CredentialsError) Code() string { return CodeCredentials }

// Hint says how to log in.
func (e *CredentialsError) Hint() string { return e.hint }

// RequestID is "": nothing was asked.
func (e *CredentialsError) RequestID() string { return "" }

func credentialsError(profile string, err error) error {
	e := &CredentialsError{cause: err}
	login := "aws sso login"
	if profile != "" {
		login += " --profile " + profile
	}
	text := err.Error()
	switch missing, isMissing := errors.AsType[config.SharedConfigProfileNotExistError](err); {
	case isMissing:
		e.text = fmt.Sprintf("AWS credentials: there is no profile %q in the AWS configuration files", missing.Profile)
		e.hint = "aws configure list-profiles shows the ones there are"
	case strings.Contains(text, "SSO") || strings.Contains(text, "sso"):
		e.text = "AWS credentials: the SSO login is not valid any more: " + innermost(err)
		e.hint = login
	case strings.Contains(text, "no EC2 IMDS role found"), strings.Contains(text, "EC2 IMDS"):
		e.text = "AWS credentials: none found: no variables, no profile, no role"
		e.hint = fmt.Sprintf("log in with %s, set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; to try yolo without an account, add --emulator", login)
	default:
		e.text = "AWS credentials: " + innermost(err)
		e.hint = "check the profile and the AWS_… variables; aws sts get-caller-identity must work first"
	}
	return e
}
