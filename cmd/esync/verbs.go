package main

// verbs are all there are, in the order of help.
func verbs() []verb {
	return []verb{
		initVerb(), cloneVerb(),
		statusVerb(), diffVerb(), logVerb(), showCommitVerb(), catVerb(),
		commitVerb(), restoreVerb(), undoVerb(), redoVerb(),
		branchVerb(), switchVerb(), tagVerb(), mergeVerb(), conflictsVerb(), resolveVerb(),
		remoteVerb(), parentVerb(), pullVerb(), pushVerb(), syncVerb(), watchVerb(), serveVerb(), peersVerb(), hubVerb(), bundleVerb(),
		inviteVerb(), membersVerb(), grantVerb(), revokeVerb(), settingsVerb(),
		fsckVerb(), gcVerb(), doctorVerb(),
		keyVerb(), agentVerb(), completionVerb(), versionVerb(), helpVerb(),
	}
}
