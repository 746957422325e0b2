"""Words that every subject uses: time, ids, errors, verdicts, permissions, scopes. Pure, standard library only."""
