"""What holds for all tests: runs are recorded as anybody's are, in a folder of the tests' own."""

import atexit
import os
import shutil
import tempfile

if "ORCHESTRA_TEST_STATE" not in os.environ:  # else a worker of a session that has made it
    folder = tempfile.mkdtemp(prefix="orchestra-tests-state-")
    os.environ["ORCHESTRA_TEST_STATE"] = os.environ["XDG_STATE_HOME"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
