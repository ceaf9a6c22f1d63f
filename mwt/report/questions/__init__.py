"""The questions that readers bring, and what the results answer; see `listed.Question`."""
