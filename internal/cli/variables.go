package cli

import "github.com/spf13/cobra"

// newVariables is a page of help, and no command.
func newVariables() *cobra.Command {
	return &cobra.Command{
		Use:   "variables",
		Short: "Variables of the process that yolo goes by",
		Long: `yolo goes by these variables of the process:

  AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL
      These, and whatever else the AWS SDK for Go goes by: credentials, profiles,
      SSO, endpoints, proxies. Except that AWS_REGION, AWS_DEFAULT_REGION and a
      profile's region choose no region: the manifest alone does.

  YOLO_{ENVIRONMENT}_AWS_PROFILE
      The profile for one environment, such as YOLO_PRODUCTION_AWS_PROFILE; all
      but letters and digits of the environment's name are written as _. It wins
      over AWS_PROFILE, and may also stand in the .env beside the manifest.

  CI
      Not empty: nothing is asked, and progress comes in lines.

  NO_COLOR
      Not empty: no colours.

  TERM
      dumb: no colours, and progress comes in lines.`,
	}
}
