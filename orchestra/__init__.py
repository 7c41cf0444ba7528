"""Orchestra: an agentless, push-based configuration orchestrator.

Only the version lives here: whatever imports ``orchestra`` pays for nothing else.
"""

__version__ = "0.1.0"
