package s3

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/iam"
	"github.com/yolo-live/yolo/internal/emulator/policydoc"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/lazyregexp"
)

var (
	accountForm = lazyregexp.New(`^[0-9]{12}$`)
	rootForm    = lazyregexp.New(`^arn:aws:iam::[0-9]{12}:root$`)
	sessionForm = lazyregexp.New(`^arn:aws:sts::([0-9]{12}):assumed-role/([\w+=,.@-]+)/[\w+=,.@-]{2,64}$`)
	serviceForm = lazyregexp.New(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$`)
	// IVS is the service whose principals matter here, so they must be right:
	// low-latency channels have one for all regions, compositions one for each.
	ivsForm = lazyregexp.New(`^(ivs|ivs-composite\.[a-z]{2}(-[a-z]+)+-[0-9]+)\.amazonaws\.com$`)
)

var federations = []string{"cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"}

// checkStatement checks what the grammar leaves open, in S3's order and words.
func checkStatement(tx *store.Tx, b Bucket, s *policydoc.Statement) error {
	if s.Principal == nil && s.NotPrincipal == nil {
		return malformedPolicy("Missing required field Principal")
	}
	if s.Resource == nil && s.NotResource == nil {
		return malformedPolicy("Missing required field Resource")
	}
	for _, p := range []*policydoc.Principal{s.Principal, s.NotPrincipal} {
		if p != nil && !principalsExist(tx, b, p) {
			return malformedPolicy("Invalid principal in policy")
		}
	}
	for _, action := range slices.Concat(s.Action, s.NotAction) {
		if !knownAction(action) {
			return malformedPolicy("Policy has invalid action")
		}
	}
	for _, resource := range slices.Concat(s.Resource, s.NotResource) {
		if !ofBucket(resource, b.Name) {
			return malformedPolicy("Policy has invalid resource")
		}
	}
	if err := checkApplies(b, s); err != nil {
		return err
	}
	return checkConditions(s)
}

func principalsExist(tx *store.Tx, b Bucket, p *policydoc.Principal) bool {
	for kind, names := range p.Named {
		for _, name := range names {
			if !principalExists(tx, b, kind, name) {
				return false
			}
		}
	}
	return true
}

// principalExists tells whether AWS would know the principal. There are no
// users, and every twelve digits are an account.
func principalExists(tx *store.Tx, b Bucket, kind, name string) bool {
	switch kind {
	case "AWS":
		if m := sessionForm.FindStringSubmatch(name); m != nil {
			return iam.RoleExists(tx, "arn:aws:iam::"+m[1]+":role/"+m[2])
		}
		return name == "*" || accountForm.MatchString(name) || rootForm.MatchString(name) ||
			iam.RoleExists(tx, name) || iam.RoleARN(tx, name) != ""
	case "Service":
		return serviceForm.MatchString(name) && (!strings.HasPrefix(name, "ivs") || ivsForm.MatchString(name))
	case "Federated":
		return slices.Contains(federations, name)
	default:
		return name == canonicalID(b.Account)
	}
}

func ofBucket(resource, bucket string) bool {
	rest, ok := strings.CutPrefix(resource, "arn:aws:s3:::"+bucket)
	return ok && (rest == "" || strings.HasPrefix(rest, "/") && rest != "/")
}

// checkApplies refuses a statement one of whose actions is of buckets and all
// of whose resources are objects, or the other way round.
func checkApplies(b Bucket, s *policydoc.Statement) error {
	if s.Action == nil || s.Resource == nil {
		return nil
	}
	bucket := slices.Contains(s.Resource, "arn:aws:s3:::"+b.Name)
	objects := slices.ContainsFunc(s.Resource, func(r string) bool { return strings.Contains(r, "/") })
	for _, action := range s.Action {
		ofBuckets, ofObjects := actionLevels(action)
		if !(ofBuckets && bucket) && !(ofObjects && objects) {
			return malformedPolicy("Action does not apply to any resource(s) in statement")
		}
	}
	return nil
}

// operatorForm matches the condition operators (IAM user guide, Condition
// operators), whose names are the same in any case.
var operatorForm = lazyregexp.New(`(?i)^((ForAllValues|ForAnyValue):)?(String(Not)?(Equals|EqualsIgnoreCase|Like)|` +
	`Numeric((Not)?Equals|(Less|Greater)Than(Equals)?)|Date((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|BinaryEquals|` +
	`(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?$|^Null$`)

// conditionActions are S3's own condition keys that few actions know, with
// those actions (service authorization reference, S3).
var conditionActions = map[string][]string{
	"s3:x-amz-acl":                    {"s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:PutBucketAcl", "s3:CreateBucket", "s3:CreateAccessPoint"},
	"s3:x-amz-server-side-encryption": {"s3:PutObject", "s3:ReplicateObject"},
	"s3:x-amz-storage-class":          {"s3:PutObject", "s3:ReplicateObject"},
	"s3:prefix":                       {"s3:ListBucket", "s3:ListBucketVersions"},
	"s3:delimiter":                    {"s3:ListBucket", "s3:ListBucketVersions"},
	"s3:max-keys":                     {"s3:ListBucket", "s3:ListBucketVersions"},
	"s3:versionid":                    {"s3:GetObjectVersion", "s3:DeleteObjectVersion", "s3:GetObjectVersionAcl", "s3:PutObjectVersionAcl", "s3:GetObjectVersionTagging"},
}

var conditionKeyForm = lazyregexp.New(`(?i)^(aws:[a-z0-9-]+(/.+)?|s3:[a-z0-9-]+(/.+)?|saml:.+|[a-z.]+:(aud|sub|amr|app_id|id|user_id))$`)

func checkConditions(s *policydoc.Statement) error {
	for operator, keys := range s.Condition {
		if !operatorForm.MatchString(operator) {
			return malformedPolicy("Invalid Condition type : " + operator)
		}
		for key := range keys {
			if !conditionKeyForm.MatchString(key) {
				return malformedPolicy("Policy has an invalid condition key")
			}
			knowing := conditionActions[strings.ToLower(key)]
			for _, action := range s.Action {
				if knowing != nil && !slices.ContainsFunc(knowing, func(known string) bool { return policydoc.MatchesAction(action, known) }) {
					return malformedPolicy("Conditions do not apply to combination of actions and resources in statement")
				}
			}
		}
	}
	return nil
}

// fixingKeys are the condition keys by which a grant to anybody is not public,
// when they hold fixed values (user guide, The meaning of "public").
var fixingKeys = []string{
	"aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount",
	"aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:sourceip",
	"aws:userid", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
}

// isPublic tells whether an Allow reaches anybody.
func isPublic(d *policydoc.Document) bool {
	return slices.ContainsFunc(d.Statements, func(s policydoc.Statement) bool {
		anybody := s.NotPrincipal != nil || s.Principal != nil && (s.Principal.Anybody || slices.Contains(s.Principal.Named["AWS"], "*"))
		return s.Effect == "Allow" && anybody && !fixed(s.Condition)
	})
}

func fixed(conditions map[string]map[string][]string) bool {
	for operator, keys := range conditions {
		operator = strings.ToLower(operator)
		if strings.Contains(operator, "not") || strings.HasSuffix(operator, "ifexists") || strings.HasPrefix(operator, "forallvalues") || operator == "null" {
			continue
		}
		for key, values := range keys {
			if slices.Contains(fixingKeys, strings.ToLower(key)) && !slices.ContainsFunc(values, open) {
				return true
			}
		}
	}
	return false
}

// open tells whether a condition's value leaves room for anybody: a wildcard,
// a policy variable, or all addresses.
func open(value string) bool {
	return strings.ContainsAny(value, "*?$") || strings.HasSuffix(value, "/0")
}
