package policy

// Recording is our recording statement for service principals.
func Recording(bucket string, principals []string) Statement {
	var services []Principal
	for _, p := range principals {
		services = append(services, Principal{"Service", p})
	}
	return recording(bucket, services)
}

// MediaConvertRead is our read statement for one role.
func MediaConvertRead(bucket, roleARN string) Statement {
	return mediaConvertRead(bucket, []Principal{{"AWS", roleARN}})
}

// EventBridgeLogs is our logs statement where nothing of the Sid is there yet.
func EventBridgeLogs(resource string) Statement {
	return eventBridgeGrant(SidEventBridgeLogs, resource).statement()
}
