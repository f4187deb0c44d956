"""Events as tensors and back."""

import numpy as np
import pytest
import torch
from conftest_events import random_events
