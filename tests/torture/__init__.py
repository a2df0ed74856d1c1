"""kill -9 of server and worker while eight clients report: nothing acknowledged may be lost."""
