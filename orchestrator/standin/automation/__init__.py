"""The ten operations of the Test Automation API, version 2: what an agent may ask."""
