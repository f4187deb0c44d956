"""The posterior by an emulator of the observables, as calibrations in the field are made."""
