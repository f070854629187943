"""What runs by itself: the schedule, its runner, and one thin function a job."""
