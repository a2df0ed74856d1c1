"""Settings from the environment, addresses, who follows the log, and the processes."""
