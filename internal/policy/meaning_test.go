package policy

import "testing"

func TestEqual(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"string or list of one":       {`{"Action":"s3:GetObject"}`, `{"Action":["s3:GetObject"]}`, true},
		"order in lists":              {`{"Resource":["a","b"]}`, `{"Resource":["b","a"]}`, true},
		"repetition in lists":         {`{"Resource":["a","a"]}`, `{"Resource":"a"}`, true},
		"order of members":            {`{"Sid":"a","Effect":"Deny"}`, `{"Effect":"Deny","Sid":"a"}`, true},
		"escapes":                     {`{"Sid":"\u0041"}`, `{"Sid":"A"}`, true},
		"case of actions":             {`{"Action":"S3:getobject"}`, `{"Action":"s3:GetObject"}`, true},
		"case of resources":           {`{"Resource":"A"}`, `{"Resource":"a"}`, false},
		"case of principals":          {`{"Principal":{"AWS":"A"}}`, `{"Principal":{"AWS":"a"}}`, false},
		"case of Sids":                {`{"Sid":"A"}`, `{"Sid":"a"}`, false},
		"another Sid":                 {`{"Sid":"A"}`, `{}`, false},
		"true or \"true\"":            {`{"Condition":{"Bool":{"k":true}}}`, `{"Condition":{"bool":{"K":["True"]}}}`, true},
		"true or false":               {`{"Condition":{"Bool":{"k":true}}}`, `{"Condition":{"Bool":{"k":false}}}`, false},
		"number or string":            {`{"Condition":{"NumericEquals":{"k":10}}}`, `{"Condition":{"NumericEquals":{"k":"10"}}}`, true},
		"case of condition keys":      {`{"Condition":{"StringEquals":{"aws:SourceArn":"x"}}}`, `{"Condition":{"StringEquals":{"AWS:sourcearn":"x"}}}`, true},
		"case of condition values":    {`{"Condition":{"StringEquals":{"k":"x"}}}`, `{"Condition":{"StringEquals":{"k":"X"}}}`, false},
		"another operator":            {`{"Condition":{"StringEquals":{"k":"x"}}}`, `{"Condition":{"StringLike":{"k":"x"}}}`, false},
		"IfExists":                    {`{"Condition":{"Bool":{"k":"true"}}}`, `{"Condition":{"BoolIfExists":{"k":"true"}}}`, false},
		"dots in operator and key":    {`{"Condition":{"a":{"b.c":"x"}}}`, `{"Condition":{"a.b":{"c":"x"}}}`, false},
		"no condition":                {`{"Condition":{}}`, `{}`, true},
		"condition dropped":           {`{"Condition":{"Bool":{"k":"true"}}}`, `{}`, false},
		"two keys are not one list":   {`{"Condition":{"Bool":{"k":"true","K":"false"}}}`, `{"Condition":{"Bool":{"k":["true","false"]}}}`, false},
		"account root":                {`{"Principal":{"AWS":"123456789012"}}`, `{"Principal":{"AWS":["arn:aws:iam::123456789012:root"]}}`, true},
		"account root in China":       {`{"Principal":{"AWS":"123456789012"}}`, `{"Principal":{"AWS":"arn:aws-cn:iam::123456789012:root"}}`, true},
		"account role":                {`{"Principal":{"AWS":"123456789012"}}`, `{"Principal":{"AWS":"arn:aws:iam::123456789012:role/root"}}`, false},
		"root of a service":           {`{"Principal":{"Service":"123456789012"}}`, `{"Principal":{"Service":"arn:aws:iam::123456789012:root"}}`, false},
		"everyone":                    {`{"Principal":"*"}`, `{"Principal":{"AWS":"*"}}`, true},
		"every service is not it":     {`{"Principal":"*"}`, `{"Principal":{"Service":"*"}}`, false},
		"kind of principal":           {`{"Principal":{"AWS":"x"}}`, `{"Principal":{"Service":"x"}}`, false},
		"NotPrincipal":                {`{"Principal":{"AWS":"x"}}`, `{"NotPrincipal":{"AWS":"x"}}`, false},
		"NotAction":                   {`{"Action":"x"}`, `{"NotAction":"x"}`, false},
		"NotResource":                 {`{"Resource":"x"}`, `{"NotResource":"x"}`, false},
		"empty list is not absent":    {`{"Action":[]}`, `{}`, false},
		"no principals is not absent": {`{"Principal":{}}`, `{}`, false},
		"Effect":                      {`{"Effect":"Allow"}`, `{"Effect":"Deny"}`, false},
		"unknown, other order":        {`{"X":{"a":1,"b":[true,"\u0041"]}}`, `{"X":{"b":[true,"A"],"a":1}}`, true},
		"unknown, other list order":   {`{"X":[1,2]}`, `{"X":[2,1]}`, false},
		"unknown, string or number":   {`{"X":1}`, `{"X":"1"}`, false},
		"Action of unknown form":      {`{"Action":1}`, `{"Action":"1"}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := statementOf(t, test.a), statementOf(t, test.b)
			if got := Equal(a, b); got != test.want {
				t.Errorf("Equal(%s, %s) = %t", a, b, got)
			}
			if Equal(a, b) != Equal(b, a) {
				t.Errorf("Equal(%s, %s) depends on the order", a, b)
			}
		})
	}
}

func TestDocumentEqual(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"order":           {`{"Statement":[{"Sid":"a"},{"Sid":"b"}]}`, `{"Statement":[{"Sid":"b"},{"Sid":"a"}]}`, true},
		"number of times": {`{"Statement":[{"Sid":"a"},{"Sid":"a"}]}`, `{"Statement":[{"Sid":"a"}]}`, false},
		"version and id":  {`{"Id":"1","Statement":[]}`, ``, true},
		"one more":        {`{"Statement":{"Sid":"a"}}`, `{"Statement":[{"Sid":"a"},{"Sid":"b"}]}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mustParse(t, test.a).Equal(mustParse(t, test.b)); got != test.want {
				t.Errorf("Equal = %t, want %t", got, test.want)
			}
		})
	}
}
